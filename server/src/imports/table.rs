//! Every file becomes one table: CSV in UTF-8 with commas, one record a row, as many cells in each.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom},
    path::Path,
};

use api_types::ImportFormat;
use csv::StringRecord;
use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::{Refusal, guess, sniff, vcard};

/// Columns at most.
pub(super) const MOST_COLUMNS: usize = 200;
/// Octets of text from which the delimiter is found.
const BEGINNING: u64 = 64 * 1024;
/// Rows shown of it.
pub(super) const SHOWN: usize = 20;

/// What was found in a file.
#[derive(Debug)]
pub(super) struct Table {
    /// What it was.
    pub format: ImportFormat,
    /// Its encoding's name.
    pub encoding: &'static str,
    /// What stood between cells; empty for a vCard.
    pub delimiter: String,
    /// Whether the first row names the columns.
    pub has_header: bool,
    /// The first rows, header included; all equally long.
    pub first: Vec<Vec<String>>,
    /// Records, header included.
    pub records: u64,
}

/// Reads the file `from` and writes the table `to`.
pub(super) fn read(from: &Path, to: &Path) -> io::Result<Result<Table, Refusal>> {
    let mut file = File::open(from)?;
    let encoding = match sniff::encoding(&mut file)? {
        Ok(encoding) => encoding,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut beginning = String::new();
    let mut octets = Vec::new();
    text(&mut file, encoding)?
        .take(BEGINNING)
        .read_to_end(&mut octets)?;
    beginning.push_str(&String::from_utf8_lossy(&octets));
    let is_card = beginning
        .trim_start()
        .get(..11)
        .is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD"));
    let out = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(BufWriter::new(File::create(to)?));
    let reader = text(&mut file, encoding)?;
    let found = if is_card {
        cards(BufReader::new(reader), encoding, out)?
    } else {
        rows(reader, &beginning, octets.len() as u64 == BEGINNING, out)?
    };
    Ok(found.map(|table| Table {
        encoding: encoding.name(),
        ..table
    }))
}

/// From the beginning, in UTF-8 and without a mark.
fn text<'a>(file: &'a mut File, encoding: &'static Encoding) -> io::Result<impl Read + use<'a>> {
    file.seek(SeekFrom::Start(0))?;
    let mut decoder = DecodeReaderBytesBuilder::new();
    decoder.encoding(Some(encoding)).strip_bom(true);
    Ok(decoder.build(&*file))
}

fn cards(
    reader: impl io::BufRead,
    encoding: &'static Encoding,
    mut out: csv::Writer<BufWriter<File>>,
) -> io::Result<Result<Table, Refusal>> {
    let mut first = vec![vcard::COLUMNS.map(str::to_owned).to_vec()];
    let mut records = 1;
    out.write_record(vcard::COLUMNS).map_err(io::Error::other)?;
    for card in vcard::Cards::new(reader, encoding) {
        let row = card?;
        out.write_record(&row).map_err(io::Error::other)?;
        records += 1;
        if first.len() <= SHOWN {
            first.push(row);
        }
    }
    out.flush()?;
    if records == 1 {
        return Ok(Err(Refusal::Empty));
    }
    Ok(Ok(Table {
        format: ImportFormat::Vcard,
        encoding: UTF_8.name(),
        delimiter: String::new(),
        has_header: true,
        first,
        records,
    }))
}

fn rows(
    mut reader: impl Read,
    beginning: &str,
    is_cut: bool,
    mut out: csv::Writer<BufWriter<File>>,
) -> io::Result<Result<Table, Refusal>> {
    // Excel's own way to say what stands between cells.
    let (told, beginning) = told_delimiter(beginning);
    if let Some(line) = told.map(|told| told.1) {
        io::copy(&mut reader.by_ref().take(line as u64), &mut io::sink())?;
    }
    // A last row that is cut off says nothing.
    let whole = match beginning.rfind('\n').filter(|_| is_cut) {
        Some(end) => beginning.get(..end).unwrap_or(beginning),
        None => beginning,
    };
    let delimiter = told.map_or_else(|| sniff::delimiter(whole), |told| told.0);
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(BufReader::new(reader));
    let mut first: Vec<Vec<String>> = Vec::new();
    let mut records = 0;
    let mut row = StringRecord::new();
    while rows.read_record(&mut row).map_err(io::Error::other)? {
        let is_blank = |cell: &str| {
            cell.trim_matches([' ', ',', ';', '|', '\t', '\u{a0}'])
                .is_empty()
        };
        if row.iter().all(is_blank) {
            continue;
        }
        if row.len() > MOST_COLUMNS && records == 0 {
            return Ok(Err(Refusal::TooWide(row.len())));
        }
        out.write_record(&row).map_err(io::Error::other)?;
        records += 1;
        if first.len() <= SHOWN {
            first.push(row.iter().take(MOST_COLUMNS).map(shown).collect());
        }
    }
    out.flush()?;
    if records == 0 {
        return Ok(Err(Refusal::Empty));
    }
    let width = first.iter().map(Vec::len).max().unwrap_or(0);
    for row in &mut first {
        row.resize(width, String::new());
    }
    let has_header = guess::is_header(&first);
    if has_header && records == 1 {
        return Ok(Err(Refusal::Empty));
    }
    Ok(Ok(Table {
        format: ImportFormat::Csv,
        encoding: UTF_8.name(),
        delimiter: char::from(delimiter).to_string(),
        has_header,
        first,
        records,
    }))
}

/// `sep=;` in the first line: the delimiter and the octets of the line, and the text after it.
fn told_delimiter(text: &str) -> (Option<(u8, usize)>, &str) {
    let Some((line, rest)) = text.split_once('\n') else {
        return (None, text);
    };
    match line.trim_end().strip_prefix("sep=").map(str::as_bytes) {
        Some([delimiter]) => (Some((*delimiter, line.len() + 1)), rest),
        _ => (None, text),
    }
}

/// A cell as it is shown.
fn shown(cell: &str) -> String {
    cell.trim().chars().take(200).collect()
}

/// The rows of a table written by [`read`].
pub(super) struct Rows {
    reader: csv::Reader<File>,
}

impl Rows {
    /// After the header, if there is one, and after `done` rows.
    pub(super) fn open(table: &Path, has_header: bool, done: u64) -> io::Result<Self> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_path(table)?;
        let mut row = StringRecord::new();
        for _ in 0..done + u64::from(has_header) {
            if !reader.read_record(&mut row).map_err(io::Error::other)? {
                break;
            }
        }
        Ok(Self { reader })
    }

    /// The next rows, at most `most`; fewer: these were the last.
    pub(super) fn next(&mut self, most: usize) -> io::Result<Vec<StringRecord>> {
        let rows = self.reader.records().take(most);
        rows.collect::<Result<_, _>>().map_err(io::Error::other)
    }
}
