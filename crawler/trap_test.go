package crawler

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch/crawler/canonical"
)

func trapDay() time.Time { return time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC) }

func TestTrap(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "&p%d=%d", i, i)
		}
		return "?" + b.String()[1:]
	}
	for _, c := range []struct{ address, want string }{
		{"https://h/" + strings.Repeat("a", 2000), TrapLong},
		{"https://h/?q=" + strings.Repeat("%E9", 700), TrapLong},
		{"https://h/shop/shop/shop/item.html", TrapRepeating},
		{"https://h/a/b/a/b/a/b/", TrapRepeating},
		{"https://h/help/a/help/b/help/c", TrapRepeating},
		{"https://h/商品/列表/商品/列表/商品/列表", TrapRepeating},
		{"https://h/%E5%95%86%E5%93%81/1/%E5%95%86%E5%93%81/2/%E5%95%86%E5%93%81/3", TrapRepeating},
		{"https://h/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21", TrapDeep},
		{"https://h/s" + many(41), TrapParameters},
		{"https://h/login?return=%2Flogin%3Freturn%3D%252Flogin%253Freturn%253D%25252F", TrapNested},
		{"https://h/a?url=https%3A%2F%2Fh%2Fa%3Furl%3Dhttps%253A%252F%252Fh%252Fa%253Furl%253D1", TrapNested},
		{"https://h/a?sid=8f7a&next=%2Fb%3Fsid%3D9c1d", TrapNested},
		{"https://h/calendar/2031/05", TrapCalendar},
		{"https://h/calendar/2019-05", TrapCalendar},
		{"https://h/events?month=2029-01", TrapCalendar},
		{"https://h/events/month/203105/", TrapCalendar},
		{"https://h/rili/1890/3/", TrapCalendar},
		{"https://h/日历?year=2035&month=1", TrapCalendar},
		{"https://h/view?year=2035&month=1", TrapCalendar},
		{"https://h/booking?date=20310501", TrapCalendar},
		{"https://h/cal.php?y=2031&m=12", TrapCalendar},

		{"https://h/calendar/2026/12", ""},
		{"https://h/calendar/2027/11", ""},
		{"https://h/calendar/2025/01", ""},
		{"https://h/events/2024/12/", ""},
		{"https://h/news/2009/05/21/story.html", ""},
		{"https://h/a/200905/t20090521_123.htm", ""},
		{"https://h/cars?year=1998&make=audi", ""},
		{"https://h/films?year=1994&month=6", ""},
		{"https://h/item/20310501.html", ""},
		{"https://h/events-tickets/item/203105", ""},
		{"https://h/calendar-wall-2031.html", ""},
		{"https://h/list/0/0/0/0/0/1.html", ""},
		{"https://h/list/all/all/all/2", ""},
		{"https://h/nike/nike/air", ""},
		{"https://h/c/nike/c/shoes", ""},
		{"https://h/s" + many(30), ""},
		{"https://h/login?return=%2Fitem%2F1", ""},
		{"https://h/s?from=a&ref=b&url=c&sid=1", ""},
		{"https://search.jd.com/Search?keyword=%E8%80%90%E5%85%8B&enc=utf-8&wq=%E8%80%90%E5%85%8B&pvid=1&page=3&s=56&click=0", ""},
		{"https://s.taobao.com/search?q=%E8%80%90%E5%85%8B&imgfile=&commend=all&ssid=s5-e&search_type=item&sourceId=tb.index&ie=utf8&initiative_id=tbindexz_20170306", ""},
		{"https://item.taobao.com/item.htm?id=562283240178", ""},
		{"::", ""},
	} {
		reason, trapped := Trap(c.address, trapDay())
		if reason != c.want || trapped != (c.want != "") {
			t.Errorf("%.120s: %q, %v; want %q", c.address, reason, trapped, c.want)
		}
	}
}

// TestRealAddressesAreNoTraps holds the addresses of real shops and everything
// that their pages link to against the rules.
func TestRealAddressesAreNoTraps(t *testing.T) {
	tried := map[string]bool{}
	try := func(address, page string) {
		if tried[address] {
			return
		}
		tried[address] = true
		if reason, trapped := Trap(address, trapDay()); trapped {
			t.Errorf("%s (on %s) counts as %s", address, page, reason)
		}
	}
	for _, p := range savedPages(t) {
		base, err := url.Parse(p.url)
		if err != nil {
			t.Fatal(err)
		}
		if base.Scheme == "file" {
			base = &url.URL{Scheme: "https", Host: "saved.example", Path: "/page"}
		} else {
			try(p.url, p.url)
		}
		for _, ref := range p.links {
			if to, err := canonical.Resolve(base, ref); err == nil {
				try(to, p.url)
			}
		}
	}
	t.Logf("%d addresses", len(tried))
}

func FuzzTrap(f *testing.F) {
	f.Add("https://h/calendar/2031/05?sid=%2525&url=a%3Furl%3D")
	f.Add("https://h/a/b/a/b/a/b")
	f.Fuzz(func(t *testing.T, address string) {
		if reason, trapped := Trap(address, trapDay()); trapped != (reason != "") {
			t.Fatal("a trap without a reason, or the other way round")
		}
	})
}

func TestSameness(t *testing.T) {
	var menu strings.Builder
	for i := range 400 {
		fmt.Fprintf(&menu, "%c%c馆 ", rune('一'+i*31), rune('万'+i*17))
	}
	footer := menu.String() + "正品保证 七天退货 关于我们 联系客服 营业执照 隐私政策"
	// See tells for how many of n pages the address was a trap.
	see := func(s *Sameness, n int, page func(i int) (address, text string)) (trapped int) {
		for i := range n {
			if _, is := s.Seen(page(i)); is {
				trapped++
			}
		}
		return trapped
	}
	for _, c := range []struct {
		name string
		page func(i int) (address, text string)
		want int // of 50
	}{
		{"a filter that never ends", func(i int) (string, string) {
			return fmt.Sprintf("https://h/list/%d?page=%d", i, i*7), "没有找到相关商品 " + footer
		}, 21},
		{"pages that show their number", func(i int) (string, string) {
			return fmt.Sprintf("https://h/list?page=%d", i), fmt.Sprintf("第 %d 页 没有更多商品了 %s", i, footer)
		}, 21},
		{"sessions in the address", func(i int) (string, string) {
			return fmt.Sprintf("https://h/index?s=%x&t=%d", i*7919, i), "欢迎光临本店 全场包邮 " + footer
		}, 21},
		{"offers beneath one footer", func(i int) (string, string) {
			return fmt.Sprintf("https://h/item/%d", i), fmt.Sprintf("耐克男鞋运动鞋第%c代%c系列气垫缓震跑步鞋 货号 AQ%04d 售价 ¥%d.00 库存 %d 件 %s", rune('一'+i*37), rune('上'+i*53), i*791, 100+i*7, i, footer)
		}, 0},
		{"offers in English beneath one footer", func(i int) (string, string) {
			colours := []string{"black", "white", "volt green", "royal blue", "university red", "cool grey", "sail"}
			return fmt.Sprintf("https://h/item/%d", i), fmt.Sprintf("Air Zoom Model %d %s men's shoe. Air Zoom Model %d %s price $%d.99. Style AQ%04d, made of %s mesh. %s", i, colours[i%7], i, colours[i%7], 40+i*3, i*791, colours[(i*3)%7], strings.Repeat("Free returns within thirty days of delivery. ", 80))
		}, 0},
		{"short offers", func(i int) (string, string) {
			return fmt.Sprintf("https://h/item/%d", i), fmt.Sprintf("商品%d ¥%d", i, 100+i)
		}, 0},
		{"two texts in turn", func(i int) (string, string) {
			return fmt.Sprintf("https://h/%d", i), []string{"没有找到相关商品", "请输入关键词搜索"}[i%2] + " " + footer[:300]
		}, 0},
		{"one text at addresses of many shapes", func(i int) (string, string) {
			return fmt.Sprintf("https://h/%c/%c", 'a'+i%26, 'a'+i/26), footer
		}, 0},
		{"pages without text", func(i int) (string, string) { return fmt.Sprintf("https://h/%d", i), " \n" }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := see(NewSameness(), 50, c.page); got != c.want {
				t.Errorf("%d of 50 are trapped; want %d", got, c.want)
			}
		})
	}

	t.Run("a page that differs is none", func(t *testing.T) {
		s := NewSameness()
		empty := func(i int) (string, string) { return fmt.Sprintf("https://h/p/%d?a=1", i), footer }
		see(s, 40, empty)
		shape, trapped := s.Seen("https://h/p/77?a=2", "耐克男鞋 跑步鞋 ¥199 现货")
		if trapped || shape != "h/p/#?a" {
			t.Errorf("%s, %v", shape, trapped)
		}
		if _, trapped := s.Seen(empty(78)); !trapped {
			t.Error("the shape is forgotten over one page")
		}
	})
	t.Run("old shapes are forgotten", func(t *testing.T) {
		s := NewSameness()
		for i := range 3 * shapesMost {
			s.Seen(fmt.Sprintf("https://h/%s", strings.Repeat("a", i+1)), "没有更多")
		}
		if len(s.shapes) != shapesMost || s.order.Len() != shapesMost {
			t.Errorf("%d shapes are kept", len(s.shapes))
		}
	})
	t.Run("from many workers", func(t *testing.T) {
		s := NewSameness()
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 20 {
					s.Seen(fmt.Sprintf("https://h/p/%d", w*100+i), footer)
				}
			})
		}
		wg.Wait()
		if _, trapped := s.Seen("https://h/p/1", footer); !trapped {
			t.Error("not trapped after 160 pages")
		}
	})
}

// TestRealPagesAreNotAlike holds real product pages, some of one shop, against
// each other.
func TestRealPagesAreNotAlike(t *testing.T) {
	pages := savedPages(t)
	sketches := make([]sketch, len(pages))
	for i, p := range pages {
		sketches[i] = newSketch(p.text)
		for j := range i {
			if sketches[i].total > 0 && sketches[i].like(sketches[j]) {
				t.Errorf("%s is like %s", p.url, pages[j].url)
			}
		}
	}
}

func BenchmarkSameness(b *testing.B) {
	s := NewSameness()
	text := strings.Repeat("正品保证 七天退货 Nike Air Zoom 270 关于我们 联系客服 营业执照 隐私政策 ", 100)
	b.SetBytes(int64(len(text)))
	for i := 0; b.Loop(); i++ {
		s.Seen(fmt.Sprintf("https://h/%d", i), text)
	}
}
