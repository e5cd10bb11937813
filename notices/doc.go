// Package notices tells people what happened: a scan that ended or broke off,
// a source that turned us away, a grave lead, a disk that fills up. It speaks
// to webhooks, mail servers and the group robots of WeCom, DingTalk and Feishu.
//
// Much of what it tells was crawled and is hostile: every format has its
// escaping, nobody can be called upon by name (@all), and the only link of a
// notice leads to the desk. Sending is a background job per channel, unique by
// what happened, and tried again for most of a day. A channel's secrets stand
// in its configuration alone: not in jobs, errors or logs.
package notices
