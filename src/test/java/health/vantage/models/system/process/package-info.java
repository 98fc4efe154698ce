/** Real runner processes without Kubernetes: killed, crashed, on a full disk, over the file of a workstation. */
package health.vantage.models.system.process;
