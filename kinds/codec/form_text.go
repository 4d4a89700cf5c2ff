package codec

import "encoding/json"

// compact reports whether encoding/json would leave this JSON as it is.
func compact(raw []byte) bool {
	for _, c := range raw {
		if c <= ' ' || c >= 0x80 || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return len(raw) > 0
}

// appendText appends a string as encoding/json writes it.
func appendText(out, s []byte) []byte {
	start := len(out)
	out = append(out, '"')
	from := 0
	for i, c := range s {
		if c >= 0x80 {
			js, _ := json.Marshal(string(s)) // which can be any
			return append(out[:start], js...)
		}
		if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
			continue
		}
		out = appendEscaped(append(out, s[from:i]...), c)
		from = i + 1
	}
	return append(append(out, s[from:]...), '"')
}

// appendEscaped appends an ASCII character that cannot stand for itself.
func appendEscaped(out []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(out, '\\', c)
	case '\b':
		return append(out, '\\', 'b')
	case '\f':
		return append(out, '\\', 'f')
	case '\n':
		return append(out, '\\', 'n')
	case '\r':
		return append(out, '\\', 'r')
	case '\t':
		return append(out, '\\', 't')
	}
	return append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
