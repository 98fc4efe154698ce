/** The operator. */
package health.vantage.models.operator;
