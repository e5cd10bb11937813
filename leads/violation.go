package leads

import "github.com/markwatch/markwatch"

// ViolationName is a violation's short name for people; one that a rule pack
// brings goes by its id.
func ViolationName(v markwatch.Violation) markwatch.Text {
	switch v {
	case markwatch.Counterfeit:
		return markwatch.Text{ZH: "仿冒", EN: "counterfeit"}
	case markwatch.FakeOverseas:
		return markwatch.Text{ZH: "假海淘", EN: "fake overseas purchase"}
	case markwatch.Piracy:
		return markwatch.Text{ZH: "盗版", EN: "piracy"}
	case "tobacco":
		return markwatch.Text{ZH: "烟草", EN: "tobacco"}
	case "medicine":
		return markwatch.Text{ZH: "药品", EN: "medicine"}
	case "agri-input":
		return markwatch.Text{ZH: "农资", EN: "agricultural inputs"}
	case "geographic-indication":
		return markwatch.Text{ZH: "地理标志", EN: "geographical indication"}
	case "certification-mark":
		return markwatch.Text{ZH: "认证标志", EN: "certification mark"}
	case "patent-marking":
		return markwatch.Text{ZH: "专利标识", EN: "patent marking"}
	case "false-advertising":
		return markwatch.Text{ZH: "虚假广告", EN: "false advertising"}
	default:
		return markwatch.Text{ZH: string(v), EN: string(v)}
	}
}
