/** What people see: conditions, columns, events. Pure but for {@link health.vantage.models.operator.report.Events}. */
package health.vantage.models.operator.report;
