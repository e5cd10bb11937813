package batch

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
)

// fontFile is a font with Chinese, which PDF files embed as far as they use
// it; see font/NOTICE.txt.
//
//go:embed font/DroidSansFallbackFull.ttf.gz
var fontFile []byte

type typeface struct {
	bytes []byte
	font  *sfnt.Font
}

// loadFont unpacks the font once.
var loadFont = sync.OnceValues(func() (typeface, error) {
	z, err := gzip.NewReader(bytes.NewReader(fontFile))
	if err != nil {
		return typeface{}, fmt.Errorf("reading the font: %w", err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return typeface{}, fmt.Errorf("reading the font: %w", err)
	}
	font, err := sfnt.Parse(data)
	if err != nil {
		return typeface{}, fmt.Errorf("reading the font: %w", err)
	}
	return typeface{data, font}, nil
})

// missingGlyph stands for characters that the font has no picture of.
const missingGlyph = '□'

// printable makes text one line of characters that the font has.
func (f typeface) printable(s string) string {
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r):
			return -1
		}
		// Beyond the basic plane the writer has no glyphs.
		if g, err := f.font.GlyphIndex(&buf, r); err != nil || g == 0 || r > 0xffff {
			return missingGlyph
		}
		return r
	}, strings.ToValidUTF8(s, string(missingGlyph)))
}

// cellLimit bounds a cell of the annex, in characters.
const cellLimit = 120

// writePDF writes the letter with its font embedded.
func (l letter) writePDF(w io.Writer) error {
	face, err := loadFont()
	if err != nil {
		return err
	}
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(l.batch.At.UTC())
	pdf.SetModificationDate(l.batch.At.UTC())
	pdf.SetProducer("markwatch", true)
	pdf.SetTitle(face.printable(l.title+" "+l.number), true)
	pdf.SetMargins(28, 30, 26)
	pdf.SetAutoPageBreak(true, 25)
	// A copy, since the library writes into the font while it cuts it down, and
	// several batches are made at once.
	pdf.AddUTF8FontFromBytes("cjk", "", bytes.Clone(face.bytes))
	pdf.SetFooterFunc(func() {
		pdf.SetY(-18)
		pdf.SetFont("cjk", "", 9)
		pdf.CellFormat(0, 6, fmt.Sprintf("— %d —", pdf.PageNo()), "", 0, "C", false, 0, "")
	})
	pdf.AddPage()
	line := func(size, height float64, align, text string) {
		pdf.SetFont("cjk", "", size)
		pdf.MultiCell(0, height, face.printable(text), "", align, false)
	}
	line(22, 14, "C", l.title)
	line(14, 10, "C", l.number)
	pdf.Ln(6)
	line(14, 9, "L", l.addressee)
	for _, text := range l.paragraphs {
		line(14, 9, "L", "\u3000\u3000"+text)
	}
	line(14, 9, "L", "\u3000\u3000附件:线索清单")
	pdf.Ln(10)
	line(14, 9, "R", l.sender)
	line(14, 9, "R", l.date)
	if l.copies != "" {
		line(14, 9, "L", l.copies)
	}
	pdf.AddPageFormat("L", pdf.GetPageSizeStr("A4"))
	line(14, 10, "L", "附件 线索清单")
	l.pdfTable(pdf, face)
	if l.note != "" {
		line(9, 6, "L", l.note)
	}
	if err := pdf.Output(w); err != nil {
		return fmt.Errorf("writing PDF: %w", err)
	}
	return nil
}

// pdfTable draws the annex, a row as high as its highest cell.
func (l letter) pdfTable(pdf *fpdf.Fpdf, face typeface) {
	const height = 4.5
	pdf.SetFont("cjk", "", 8)
	width, pageHeight := pdf.GetPageSize()
	left, _, right, _ := pdf.GetMargins()
	shares := map[string]float64{"序号": 0.4, "线索编号": 0.9, "标题": 2.2, "网址": 2.4}
	var widths []float64
	sum := 0.0
	for _, head := range l.head {
		share := shares[head]
		if share == 0 {
			share = 1
		}
		widths = append(widths, share)
		sum += share
	}
	for i := range widths {
		widths[i] *= (width - left - right) / sum
	}
	for _, row := range append([][]string{l.head}, l.annex...) {
		cells := make([][]string, len(row))
		lines := 1
		for i, text := range row {
			cells[i] = wrap(pdf, face.printable(clip(text)), widths[i]-2)
			lines = max(lines, len(cells[i]))
		}
		if pdf.GetY()+float64(lines)*height > pageHeight-25 {
			pdf.AddPageFormat("L", pdf.GetPageSizeStr("A4"))
			pdf.SetFont("cjk", "", 8)
		}
		x, y := pdf.GetX(), pdf.GetY()
		for i, text := range cells {
			pdf.Rect(x, y, widths[i], float64(lines)*height, "D")
			for n, part := range text {
				pdf.Text(x+1, y+float64(n)*height+3.3, part)
			}
			x += widths[i]
		}
		pdf.SetXY(left, y+float64(lines)*height)
	}
}

// wrap breaks text anywhere, as addresses have no blanks.
func wrap(pdf *fpdf.Fpdf, text string, width float64) []string {
	var lines []string
	begin, used := 0, 0.0
	for i, r := range text {
		w := pdf.GetStringWidth(string(r))
		if used+w > width && i > begin {
			lines = append(lines, text[begin:i])
			begin, used = i, 0
		}
		used += w
	}
	return append(lines, text[begin:])
}

func clip(s string) string {
	if r := []rune(s); len(r) > cellLimit {
		return string(r[:cellLimit]) + "…"
	}
	return s
}
