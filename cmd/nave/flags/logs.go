package flags

func (o *Options) metrics() {
	o.nothing("Metrics", "all metrics are shown, with all labels",
		[4]string{"stringToString", "allow-metric-labels", "[]", "values that labels of metrics may have"},
		[4]string{"string", "allow-metric-labels-manifest", "", "file of values that labels of metrics may have"},
		[4]string{"strings", "disabled-metrics", "", "metrics not to show"},
		[4]string{"string", "show-hidden-metrics-for-version", "", "release whose hidden metrics are shown"},
	)
}

func (o *Options) logs() {
	f := o.section("Logs")
	f.StringVar(&o.LogFormat, "logging-format", "text", "format of the log: text or json")
	f.VarP((*level)(&o.Verbosity), "v", "v", "how much is logged: 0 warnings, 2 what is worth knowing, 4 everything")
	o.nothing("Logs", "the log is written at once, to standard error",
		[4]string{"duration", "log-flush-frequency", "5s", "how often the log is written"},
		[4]string{"quantity", "log-json-info-buffer-size", "", "bytes of the log in JSON to gather"},
		[4]string{"bool", "log-json-split-stream", "false", "write what is no error to standard output, in JSON"},
		[4]string{"quantity", "log-text-info-buffer-size", "", "bytes of the log in text to gather"},
		[4]string{"bool", "log-text-split-stream", "false", "write what is no error to standard output, in text"},
		[4]string{"pattern=N,...", "vmodule", "", "how much is logged, by file"},
	)
}

func (o *Options) traces() {
	o.section("Traces").StringVar(&o.TracingConfig, "tracing-config-file", "", "file that says where traces are sent to, and how many")
}
