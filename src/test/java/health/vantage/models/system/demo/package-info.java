/** {@code make demo}: the main job on a real model, told step by step, with everything in one process tree. */
package health.vantage.models.system.demo;
