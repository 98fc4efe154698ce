/**
 * Outputs in another form than the model's, made on the node so that less travels: a class per pixel instead of a score for each, the best few
 * of many, halves instead of floats. Each reads off-heap memory in blocks that stay in the core's cache.
 */
package health.vantage.models.runner.form;
