package batch

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// The parts of a document that do not change (ECMA-376, part 1).
const (
	docxTypes = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>`
	docxRels = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`
	docxDocumentRels = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	docxStyles = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋" w:cs="Times New Roman"/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="zh-CN" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults></w:styles>`
)

// The properties of paragraphs and runs.
const (
	docxCenter, docxRight = `<w:jc w:val="center"/>`, `<w:jc w:val="right"/>`
	docxIndent            = `<w:spacing w:line="560" w:lineRule="exact"/><w:ind w:firstLineChars="200" w:firstLine="640"/>`
	docxHeading           = `<w:rFonts w:eastAsia="黑体"/><w:b/><w:sz w:val="44"/>`
	docxBlack             = `<w:rFonts w:eastAsia="黑体"/>`
	docxSmall             = `<w:sz w:val="18"/>`
)

// docx is the body of a document while it is written.
type docx struct{ body strings.Builder }

func (d *docx) paragraph(props, run, text string) {
	fmt.Fprintf(&d.body, `<w:p><w:pPr>%s</w:pPr><w:r><w:rPr>%s</w:rPr><w:t xml:space="preserve">%s</w:t></w:r></w:p>`, props, run, escapeXML(text))
}

func (d *docx) table(rows [][]string) {
	d.body.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		fmt.Fprintf(&d.body, `<w:%s w:val="single" w:sz="4" w:space="0" w:color="auto"/>`, side)
	}
	d.body.WriteString(`</w:tblBorders></w:tblPr>`)
	for i, row := range rows {
		d.body.WriteString(`<w:tr>`)
		if i == 0 {
			d.body.WriteString(`<w:trPr><w:tblHeader/></w:trPr>`)
		}
		for _, cell := range row {
			fmt.Fprintf(&d.body, `<w:tc><w:tcPr/><w:p><w:r><w:rPr>%s</w:rPr><w:t xml:space="preserve">%s</w:t></w:r></w:p></w:tc>`, docxSmall, escapeXML(cell))
		}
		d.body.WriteString(`</w:tr>`)
	}
	d.body.WriteString(`</w:tbl>`)
}

func (d *docx) write(w io.Writer, at time.Time) error {
	document := `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + d.body.String() +
		`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>`
	z := zip.NewWriter(w)
	for _, part := range [][2]string{
		{"[Content_Types].xml", docxTypes}, {"_rels/.rels", docxRels}, {"word/document.xml", document},
		{"word/_rels/document.xml.rels", docxDocumentRels}, {"word/styles.xml", docxStyles},
	} {
		out, err := z.CreateHeader(&zip.FileHeader{Name: part[0], Method: zip.Deflate, Modified: at.UTC().Truncate(2 * time.Second)})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, part[1]); err != nil {
			return err
		}
	}
	return z.Close()
}

// writeDOCX writes the letter in the layout of official letters (GB/T 9704),
// the fonts left to the reader's machine.
func (l letter) writeDOCX(w io.Writer) error {
	var d docx
	d.paragraph(docxCenter, docxHeading, l.title)
	d.paragraph(docxCenter, "", l.number)
	d.paragraph(`<w:spacing w:before="240"/>`, "", l.addressee)
	for _, text := range l.paragraphs {
		d.paragraph(docxIndent, "", text)
	}
	d.paragraph(docxIndent, "", "附件:线索清单")
	d.paragraph(docxRight, "", l.sender)
	d.paragraph(docxRight, "", l.date)
	if l.copies != "" {
		d.paragraph("", "", l.copies)
	}
	d.body.WriteString(`<w:p><w:r><w:br w:type="page"/></w:r></w:p>`)
	d.paragraph("", docxBlack, "附件 线索清单")
	d.table(append([][]string{l.head}, l.annex...))
	d.paragraph("", docxSmall, l.note)
	return d.write(w, l.batch.At)
}

// Form is a document of paragraphs and a table, such as a draft that officers
// complete and sign.
type Form struct {
	Title      string
	Number     string
	Paragraphs []string
	// Table has its headers in its first row; nil is none.
	Table [][]string
	// Sign are the lines to sign on.
	Sign []string
	At   time.Time
}

// WriteDOCX writes the form; the same form gives the same bytes.
func (f Form) WriteDOCX(w io.Writer) error {
	var d docx
	d.paragraph(docxCenter, docxHeading, f.Title)
	if f.Number != "" {
		d.paragraph(docxCenter, "", f.Number)
	}
	for _, text := range f.Paragraphs {
		d.paragraph(docxIndent, "", text)
	}
	if len(f.Table) > 0 {
		d.table(f.Table)
	}
	for _, line := range f.Sign {
		d.paragraph(docxIndent, "", line)
	}
	return d.write(w, f.At)
}

func escapeXML(s string) string {
	var b bytes.Buffer
	// It replaces what XML does not know, and a buffer takes everything.
	_ = xml.EscapeText(&b, []byte(strings.ToValidUTF8(s, "\ufffd")))
	return b.String()
}
