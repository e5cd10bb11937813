package extract_test

import (
	"encoding/json"
	"fmt"
	"github.com/markwatch/markwatch/crawler/extract"
	"os"
	"testing"
)

func TestScratch(t *testing.T) {
	for _, p := range warcPages(t, shared(t, "pages.warc.gz")) {
		d, err := extract.Parse(p)
		if err != nil {
			fmt.Println(p.URL, err)
			continue
		}
		ls := d.Listings(extract.Options{})
		fmt.Println("=====", p.URL, d.Charset(), len(d.Links()), len(ls), d.Title())
		for i, l := range ls {
			if i > 2 {
				break
			}
			if os.Getenv("FULL") == "" {
				l.Description = ""
				l.Prices = nil
				l.Images = l.Images[:min(1, len(l.Images))]
				if len(l.Attributes) > 6 {
					l.Attributes = nil
				}
				l.Text = ""
			}
			b, _ := json.Marshal(l)
			s := string(b)
			if len(s) > 1500 {
				s = s[:1500]
			}
			fmt.Println("   ", s)
		}
	}
}
