/**
 * The folder a runner is started from, and what makes its starts quick there: native libraries unpacked once instead of at every
 * start, and an ahead-of-time cache of its classes (JEP 483, 514 and 515). Both are optional: without them it starts as before.
 */
package health.vantage.models.runner.install;
