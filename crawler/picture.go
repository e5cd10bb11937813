package crawler

import (
	"mime"
	"strings"

	"github.com/markwatch/markwatch"
)

// MaxPicture bounds a picture in bytes; a source's limits.bytes may be less.
const MaxPicture = 8 << 20

// Pictures opens a session that fetches the pictures of offers from a host. It
// keeps what every fetch keeps: robots.txt, the source's delay and parallelism,
// the addresses that may be reached, limits, and the capture of what came.
func (c *Crawler) Pictures(src *markwatch.Source, host string) (*Session, error) {
	s, err := c.Host(src, host)
	if err != nil {
		return nil, err
	}
	s.transport.pictures = true
	if s.transport.maxBody <= 0 || s.transport.maxBody > MaxPicture {
		s.transport.maxBody = MaxPicture
	}
	s.collector.Headers.Set("Accept", "image/avif;q=0,image/webp,image/png,image/jpeg,image/gif;q=0.9,image/*;q=0.5")
	return s, nil
}

// isPicture says that a content type is one of the pictures that can be read.
func isPicture(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		t = strings.ToLower(contentType)
	}
	switch t {
	case "image/png", "image/jpeg", "image/jpg", "image/webp", "image/gif":
		return true
	}
	return false
}
