//! Looks through the write-ahead logs before RocksDB replays them, and distinguishes a torn tail
//! from inner damage.
//!
//! RocksDB's own replay is not strict enough for a log that is the truth: with
//! `kTolerateCorruptedTailRecords` a damaged length in the last 32 KiB looks like the end of the
//! file, and acknowledged records vanish silently; a damaged type can even make it loop. And
//! it is too strict for a power loss, which may leave zeros where the last, never acknowledged
//! write should be.
//!
//! Promises: one flipped bit anywhere in a write-ahead log is reported with file and byte; what a
//! crash left half written at the end (a record cut short, or with whole sectors of zeros) is
//! found, so that it can be cut off. Never: changes a file, except in [`cut`].

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use crc32c::crc32c;

const BLOCK_BYTES: usize = 32 * 1024;
/// Checksum (4), length (2), type (1).
const HEADER_BYTES: usize = 7;
const SECTOR_BYTES: usize = 512;
/// Full, first, middle, last: the only types that this log's settings let RocksDB write.
const TYPES: std::ops::RangeInclusive<u8> = 1..=4;

/// What the end of a sound write-ahead log looks like.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tail {
    Whole,
    /// From this byte on lies what was never acknowledged.
    Torn {
        at: usize,
    },
}

/// Damage that no crash explains.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) at: usize,
}

/// The write-ahead logs in `dir`, oldest first.
pub(super) fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let number =
            path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<u64>().ok());
        if let (Some(number), Some("log")) = (number, path.extension().and_then(|ext| ext.to_str())) {
            found.push((number, path));
        }
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// Removes a torn tail for good, so that RocksDB finds a whole file.
pub(super) fn cut(path: &Path, at: usize) -> io::Result<()> {
    let file: File = OpenOptions::new().write(true).open(path)?;
    file.set_len(at as u64)?;
    file.sync_all()
}

/// Reads a whole write-ahead log.
pub(super) fn examine(log: &[u8]) -> Result<Tail, Damage> {
    let mut at = 0;
    // Where the record began whose later fragments are still due.
    let mut open = None;
    while at < log.len() {
        let room = BLOCK_BYTES - at % BLOCK_BYTES;
        if room < HEADER_BYTES {
            at += room;
            continue;
        }
        match fragment(log, at) {
            Some(end) => {
                open = match log[at + 6] {
                    2 => Some(at),
                    3 => open,
                    _ => None,
                };
                at = end;
            }
            None if torn(log, at) => return Ok(Tail::Torn { at: open.unwrap_or(at) }),
            None => return Err(Damage { at }),
        }
    }
    Ok(open.map_or(Tail::Whole, |at| Tail::Torn { at }))
}

/// Where the fragment at `at` ends, when it is sound.
fn fragment(log: &[u8], at: usize) -> Option<usize> {
    let header = log.get(at..at + HEADER_BYTES)?;
    let length = usize::from(u16::from_le_bytes([header[4], header[5]]));
    let end = at + HEADER_BYTES + length;
    let fits = end <= log.len() && at % BLOCK_BYTES + HEADER_BYTES + length <= BLOCK_BYTES;
    (fits && TYPES.contains(&header[6]) && stored_checksum(header) == crc32c(&log[at + 6..end]))
        .then_some(end)
}

/// Is the unsound rest from `at` on something that a crash leaves behind? Only if no sound fragment
/// follows, and it either ends before its record does or misses whole sectors.
fn torn(log: &[u8], at: usize) -> bool {
    if followed_by_a_sound_fragment(log, at) {
        return false;
    }
    let rest = &log[at..];
    if rest.len() < HEADER_BYTES || misses_a_sector(log, at) {
        return true;
    }
    let length = usize::from(u16::from_le_bytes([rest[4], rest[5]]));
    let cut_short = at + HEADER_BYTES + length > log.len() && TYPES.contains(&rest[6]);
    // The checksum does not cover the length: a record that is whole without its length was
    // damaged, not cut short.
    cut_short && stored_checksum(&rest[..HEADER_BYTES]) != crc32c(&rest[6..])
}

fn followed_by_a_sound_fragment(log: &[u8], at: usize) -> bool {
    let block_end = log.len().min((at / BLOCK_BYTES + 1) * BLOCK_BYTES);
    // Within the block a fragment may begin anywhere; every further block begins with one.
    (at + 1..block_end).chain((block_end..log.len()).step_by(BLOCK_BYTES)).any(|from| {
        let empty = log.get(from + 4..from + 6) == Some(&[0, 0]);
        !empty && fragment(log, from).is_some()
    })
}

/// Is there a sector, or the last part of one, that holds nothing but zeros?
fn misses_a_sector(log: &[u8], at: usize) -> bool {
    let first = at - at % SECTOR_BYTES;
    (first..log.len()).step_by(SECTOR_BYTES).any(|sector| {
        let part = &log[sector.max(at)..log.len().min(sector + SECTOR_BYTES)];
        part.len() >= HEADER_BYTES && part.iter().all(|byte| *byte == 0)
    })
}

/// RocksDB stores checksums masked, so that a checksum over data that holds checksums stays a good
/// one.
fn stored_checksum(header: &[u8]) -> u32 {
    let masked = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
    masked.wrapping_sub(0xa282_ead8).rotate_left(15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes records as RocksDB does: cut into fragments at the ends of blocks.
    fn log(records: &[usize]) -> Vec<u8> {
        let mut log = Vec::new();
        for (number, length) in records.iter().enumerate() {
            let payload: Vec<u8> =
                (0..*length).map(|i| u8::try_from((i * 7 + number) % 251).unwrap() | 1).collect();
            append(&mut log, &payload);
        }
        log
    }

    fn append(log: &mut Vec<u8>, payload: &[u8]) {
        let mut rest = payload;
        let mut first = true;
        loop {
            let mut room = BLOCK_BYTES - log.len() % BLOCK_BYTES;
            if room < HEADER_BYTES {
                log.extend(std::iter::repeat_n(0, room));
                room = BLOCK_BYTES;
            }
            let (now, later) = rest.split_at(rest.len().min(room - HEADER_BYTES));
            let kind = match (first, later.is_empty()) {
                (true, true) => 1,
                (true, false) => 2,
                (false, false) => 3,
                (false, true) => 4,
            };
            let covered = [&[kind], now].concat();
            log.extend(crc32c(&covered).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes());
            log.extend(u16::try_from(now.len()).unwrap().to_le_bytes());
            log.extend(covered);
            (rest, first) = (later, false);
            if rest.is_empty() {
                return;
            }
        }
    }

    #[test]
    fn a_sound_log_is_whole() {
        for records in
            [&[][..], &[1], &[100, 200, 300], &[40_000, 10, 100_000, 5], &[32_761, 32_758, 32_750, 9]]
        {
            assert_eq!(examine(&log(records)), Ok(Tail::Whole), "{records:?}");
        }
    }

    #[test]
    fn a_log_cut_anywhere_is_torn_at_its_last_record_and_keeps_all_before() {
        let (before, whole) = (log(&[100, 40_000, 300]), log(&[100, 40_000, 300, 50_000]));
        for length in before.len() + 1..whole.len() {
            assert_eq!(examine(&whole[..length]), Ok(Tail::Torn { at: before.len() }), "{length}");
        }
        assert_eq!(examine(&whole[..before.len()]), Ok(Tail::Whole));
    }

    #[test]
    fn a_last_write_with_missing_sectors_is_torn() {
        let before = log(&[100, 700]);
        let whole = log(&[100, 700, 5_000]);
        for sector in (1_024..whole.len()).step_by(SECTOR_BYTES) {
            let mut torn = whole.clone();
            let end = torn.len().min(sector + SECTOR_BYTES);
            torn[sector..end].fill(0);
            assert_eq!(examine(&torn), Ok(Tail::Torn { at: before.len() }), "{sector}");
        }
        let mut zeros = before.clone();
        zeros.resize(before.len() + 9_000, 0);
        assert_eq!(examine(&zeros), Ok(Tail::Torn { at: before.len() }));
    }

    #[test]
    fn every_flipped_bit_is_damage() {
        let whole = log(&[100, 300, 33_000, 20, 600]);
        let places = (0..whole.len()).filter(|at| !(800..32_700).contains(at));
        for (at, bit) in places.flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            assert!(examine(&flipped).is_err(), "byte {at}, bit {bit}: {:?}", examine(&flipped));
        }
    }

    #[test]
    fn a_hole_in_the_middle_is_damage() {
        let mut log = log(&[100, 5_000, 40_000, 20]);
        log[1_024..1_536].fill(0);
        assert_eq!(examine(&log), Err(Damage { at: 107 }));
    }
}
