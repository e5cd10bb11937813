package canonical

import "strings"

// dropped tells whether a query parameter, in lower case, changes nothing of
// the page. Only names that are unmistakable stand here: sid, from, id or ref
// choose the page on some site.
func dropped(name string) bool {
	return tracking(name) || session(name)
}

// tracking names the parameters that advertising, sharing and statistics add.
func tracking(name string) bool {
	switch name {
	case
		// Advertising networks and mailings.
		"fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
		"li_fat_id", "igshid", "igsh", "mc_cid", "mc_eid", "mkt_tok", "_ga", "_gl", "_hsenc", "_hsmi", "srsltid",
		"_openstat", "wickedid", "rb_clickid", "s_cid", "ml_subscriber", "ml_subscriber_hash",
		// Alibaba's sites.
		"spm", "scm", "acm", "pvid", "ali_refid", "ali_trackid", "algo_pvid", "algo_exp_id", "algo_expid", "bxsign",
		"abbucket", "ut_sk", "tracelog", "track_params", "pvid_ext", "mm_sceneid",
		// Baidu.
		"bd_vid", "hmsr", "hmpl", "hmcu", "hmkw", "hmci",
		// Bilibili, Sina, Pinduoduo, Toutiao and others: where a link was shared.
		"vd_source", "share_source", "share_medium", "share_plat", "share_session_id", "share_tag", "share_from",
		"unique_k", "sudaref", "refer_share_id", "refer_share_uin", "refer_page_name", "refer_page_id", "refer_page_sn",
		"tt_from", "spm_id_from", "from_spmid":
		return true
	}
	for _, prefix := range [...]string{"utm_", "mtm_", "hsa_", "vero_", "oly_", "pk_campaign", "pk_kwd", "pk_source", "pk_medium"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// session names the parameters in which servers keep a visitor's session.
func session(name string) bool {
	switch name {
	case "jsessionid", "phpsessid", "sessionid", "session_id", "sessid", "cfid", "cftoken", "oscsid", "zenid", "asp.net_sessionid":
		return true
	}
	return strings.HasPrefix(name, "aspsessionid")
}
