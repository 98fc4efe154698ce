{{- define "vantage.labels" -}}
{{ include "vantage.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "vantage.selector" -}}
app.kubernetes.io/name: vantage-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* An image reference of {repository, tag, digest}; the second argument is the tag where none is given. */ -}}
{{- define "vantage.image" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default (index . 1) }}
{{- end -}}
{{- end }}
