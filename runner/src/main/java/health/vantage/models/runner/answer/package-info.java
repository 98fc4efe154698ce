/** Whole answers over HTTP, for every face that the runner shows on its HTTP port. */
package health.vantage.models.runner.answer;
