package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
	"github.com/markwatch/markwatch/evidence"
)

// maxPage bounds one page that is read from a file, in bytes.
const maxPage = 64 << 20

func newExtract(c console) *cobra.Command {
	var pageURL, warc, as string
	cmd := &cobra.Command{
		Use:   "extract [--url URL] FILE… | --warc FILE | --as price|quantity FILE|-",
		Short: "从网页读出商品信息 read the listings out of pages",
		Long: `读入网页文件(HTML,可为 gzip)或 WARC,每行输出一件商品;或者用 --as price 读入价格文字(每行一条,可在制表符后给出币种),
用 --as quantity 读入包装规格文字(每行一条)。

Reads page files (HTML, plain or gzip) or a WARC file and prints a listing a
line; or, with --as price, a price text a line, optionally a tab and a currency
hint, answered by {"text", "amount", "currency"} a line; or, with --as quantity,
a pack size a line, answered by {"text", "count", "size", "unit"}.`,
		Example: `  markwatch extract --url https://shop.example/item/1 page.html
  markwatch extract --warc crawl.warc.gz
  printf '券后¥199起\n12.50\tUSD\n' | markwatch extract --as price -
  printf '230ml*2\n两瓶装\n' | markwatch extract --as quantity -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case as != "" && as != "price" && as != "quantity":
				return markwatch.Errorf(markwatch.CodeInvalid, "--as %s: 只有 price 和 quantity 可用 only price and quantity are known", as)
			case warc != "" && len(args) > 0, warc == "" && len(args) == 0:
				return markwatch.Errorf(markwatch.CodeInvalid, "用法 usage: %s", cmd.UseLine())
			case as == "price":
				return c.extractTexts(args, c.priceAnswer)
			case as == "quantity":
				return c.extractTexts(args, c.packAnswer)
			case warc != "":
				return c.extractWARC(cmd, warc)
			}
			return c.extractFiles(args, pageURL)
		},
	}
	cmd.Flags().StringVar(&pageURL, "url", "", "网页原来的地址,缺省用网页自己声明的 the address that the page was at; what the page itself declares where absent")
	cmd.Flags().StringVar(&warc, "warc", "", "从 WARC 文件读 read the pages of a WARC file")
	cmd.Flags().StringVar(&as, "as", "", "price: 读价格文字 read price texts; quantity: 读包装规格 read pack sizes")
	return cmd
}

func (c console) extractFiles(files []string, pageURL string) error {
	var first error
	for _, name := range files {
		body, err := c.readPage(name)
		if err == nil {
			address := pageURL
			if address == "" {
				address = "file:///" + filepath.ToSlash(filepath.Base(name))
			}
			page := &markwatch.Page{
				URL: address, FinalURL: address, Status: http.StatusOK, Header: http.Header{}, Body: body, FetchedAt: time.Now().UTC(),
			}
			err = c.extractPage(page)
		}
		if err != nil {
			c.say("%s: %v", name, err)
			if first == nil {
				first = err
			}
		}
	}
	return first
}

func (c console) readPage(name string) ([]byte, error) {
	in, err := c.openInput(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	body, err := io.ReadAll(io.LimitReader(in, maxPage+1))
	switch {
	case err != nil:
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "读取网页 reading the page")
	case len(body) > maxPage:
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "网页大于 the page is larger than %d MiB", maxPage>>20)
	}
	return body, nil
}

func (c console) extractPage(page *markwatch.Page) error {
	doc, err := extract.Parse(page)
	if err != nil {
		return err
	}
	for _, l := range doc.Listings(extract.Options{}) {
		if err := c.json(l); err != nil {
			return err
		}
	}
	return nil
}

func (c console) extractWARC(cmd *cobra.Command, name string) error {
	r, err := evidence.OpenFile(name)
	if err != nil {
		return err
	}
	defer r.Close()
	broken := 0
	for cmd.Context().Err() == nil {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return brokenRecords(broken)
		}
		var fe *evidence.FormatError
		if errors.As(err, &fe) {
			broken++
			c.say("%s: %v", name, fe)
			continue
		}
		if err != nil {
			return err
		}
		if !rec.IsPage() {
			continue
		}
		page, err := rec.Page(filepath.Base(name))
		if err == nil {
			err = c.extractPage(page)
		}
		if err != nil {
			broken++
			c.say("%s: %s: %v", name, rec.TargetURI, err)
		}
	}
	return cmd.Context().Err()
}

// brokenRecords is the error of an archive that was read but for some records.
func brokenRecords(n int) error {
	if n == 0 {
		return nil
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "%d 条记录不能读,其余已处理 %d records could not be read, the rest was done", n, n)
}

// extractTexts answers each line of the files.
func (c console) extractTexts(files []string, answer func(line string) any) error {
	for _, name := range files {
		in, err := c.openInput(name)
		if err != nil {
			return err
		}
		err = c.answerLines(in, answer)
		in.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (c console) answerLines(in io.Reader, answer func(line string) any) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := c.json(answer(lines.Text())); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return markwatch.WrapError(markwatch.CodeInvalid, err, "读取文字 reading the texts")
	}
	return nil
}

type priceAnswer struct {
	Text     string  `json:"text"`
	Amount   *string `json:"amount"`
	Currency *string `json:"currency"`
}

func (console) priceAnswer(line string) any {
	text, hint, _ := strings.Cut(line, "\t")
	answer := priceAnswer{Text: text}
	if p, ok := extract.ParsePrice(text, strings.TrimSpace(hint)); ok {
		amount := p.Money.AmountText()
		answer.Amount = &amount
		if p.Money.Currency != "" {
			answer.Currency = &p.Money.Currency
		}
	}
	return answer
}

// packAnswer is null in every part but the text where the text states no pack.
type packAnswer struct {
	Text  string  `json:"text"`
	Count *string `json:"count"`
	Size  *string `json:"size"`
	Unit  *string `json:"unit"`
}

func (console) packAnswer(line string) any {
	answer := packAnswer{Text: line}
	if p, ok := extract.ParsePack(line); ok {
		count := p.Count.String()
		answer.Count = &count
		if p.Unit != "" {
			size := p.Size.String()
			answer.Size, answer.Unit = &size, &p.Unit
		}
	}
	return answer
}
