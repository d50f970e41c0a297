//! A block of equal rows: which seats are free, and who holds the others.
//!
//! Promises: a seat has one holder or none, by construction; finding a run costs the same however
//! full the block is. A block that nobody ever held a seat of takes no memory for its seats.

use kernel::plan::SubsectionOutline;

use super::{
    holders::Slot,
    row_bits::{self, LONGEST_RUN},
    run_index::RunIndex,
};

#[derive(Debug)]
pub struct Subsection {
    outline: SubsectionOutline,
    free: u32,
    /// None: untouched, all free.
    rows: Option<Box<Rows>>,
}

/// The rows of a block that has been touched. Rows and seats count from 0 here.
#[derive(Debug)]
struct Rows {
    /// Row after row, each of whole words; a set bit is a free seat.
    free: Box<[u64]>,
    /// The longest run of each row.
    runs: RunIndex,
    /// Seat after seat, the stored number of its holder's slot, 0 for a free seat.
    owners: Box<[u32]>,
    /// The rows that have ever been held, as bits: those have a stored row.
    touched: Box<[u64]>,
}

impl Subsection {
    pub fn new(outline: SubsectionOutline) -> Self {
        Self { outline, free: outline.seats(), rows: None }
    }

    pub fn outline(&self) -> SubsectionOutline {
        self.outline
    }

    pub fn free(&self) -> u32 {
        self.free
    }

    /// The longest run of free seats in any row, at most [`LONGEST_RUN`].
    pub fn longest_run(&self) -> u8 {
        self.rows.as_ref().map_or_else(|| self.untouched_run(), |rows| rows.runs.longest())
    }

    /// The first row with a run of `length` free seats.
    pub fn first_row(&self, length: u8) -> Option<usize> {
        match &self.rows {
            Some(rows) => rows.runs.first(length),
            None => (self.untouched_run() >= length).then_some(0),
        }
    }

    /// Where the row's left-most run of `length` free seats begins.
    pub fn first_run(&self, row: usize, length: u8) -> Option<usize> {
        match &self.rows {
            Some(rows) => row_bits::first_run(&rows.free[self.words(row)], length),
            None => (self.untouched_run() >= length).then_some(0),
        }
    }

    pub fn is_free(&self, row: usize, seat: usize) -> bool {
        self.rows.as_ref().is_none_or(|rows| row_bits::is_free(&rows.free[self.words(row)], seat))
    }

    /// The stored numbers of the row's holders, seat after seat; empty for a block that was never
    /// touched.
    pub fn owners(&self, row: usize) -> &[u32] {
        self.rows.as_ref().map_or(&[], |rows| &rows.owners[self.seats(row)])
    }

    /// Whether the row was ever held, that is, has a stored row.
    pub fn is_touched(&self, row: usize) -> bool {
        self.rows.as_ref().is_some_and(|rows| row_bits::is_free(&rows.touched, row))
    }

    /// Marks a row as one that was held before, although it may be free now.
    pub fn touch(&mut self, row: usize) {
        row_bits::set_free(&mut self.touched_rows().touched, row);
    }

    /// Gives `length` adjacent seats to a holder.
    pub fn take(&mut self, row: usize, first: usize, length: usize, slot: Slot) {
        let (words, seats) = (self.words(row), self.seats(row));
        let rows = self.touched_rows();
        let bits = &mut rows.free[words];
        for owner in &mut rows.owners[seats][first..first + length] {
            assert!(*owner == 0, "SEAT-1: a seat that is held is never given again");
            *owner = slot.stored();
        }
        (first..first + length).for_each(|seat| row_bits::set_taken(bits, seat));
        rows.runs.set(row, row_bits::longest_run(bits));
        row_bits::set_free(&mut rows.touched, row);
        self.free -= count(length);
    }

    /// Takes one seat back from its holder.
    pub fn give_back(&mut self, row: usize, seat: usize, slot: Slot) {
        let (words, seats) = (self.words(row), self.seats(row));
        let rows = self.touched_rows();
        let owner = &mut rows.owners[seats][seat];
        assert!(*owner == slot.stored(), "SEAT-1: a seat comes back from its holder and from nobody else");
        *owner = 0;
        let bits = &mut rows.free[words];
        row_bits::set_free(bits, seat);
        rows.runs.set(row, row_bits::longest_run(bits));
        self.free += 1;
    }

    /// Whether the counts and the index say what the seats say. Looks at every seat.
    pub fn is_consistent(&self) -> bool {
        let Some(rows) = &self.rows else { return self.free == self.outline.seats() };
        let row_agrees = |row: usize| {
            let bits = &rows.free[self.words(row)];
            let owners = &rows.owners[self.seats(row)];
            let free_bits: u32 = bits.iter().map(|word| word.count_ones()).sum();
            let free_owners = owners.iter().filter(|&&owner| owner == 0).count();
            let each = owners.iter().enumerate().all(|(seat, &o)| (o == 0) == row_bits::is_free(bits, seat));
            let held_is_touched = free_owners == owners.len() || self.is_touched(row);
            each && free_bits == count(free_owners)
                && rows.runs.get(row) == row_bits::longest_run(bits)
                && held_is_touched
        };
        let free: u32 = rows.free.iter().map(|word| word.count_ones()).sum();
        (0..usize::from(self.outline.rows)).all(row_agrees) && free == self.free
    }

    fn untouched_run(&self) -> u8 {
        u8::try_from(self.outline.seats_per_row).map_or(LONGEST_RUN, |seats| seats.min(LONGEST_RUN))
    }

    fn words(&self, row: usize) -> std::ops::Range<usize> {
        let words = row_bits::words(self.outline.seats_per_row);
        row * words..(row + 1) * words
    }

    fn seats(&self, row: usize) -> std::ops::Range<usize> {
        let seats = usize::from(self.outline.seats_per_row);
        row * seats..(row + 1) * seats
    }

    fn touched_rows(&mut self) -> &mut Rows {
        let untouched_run = self.untouched_run();
        self.rows.get_or_insert_with(|| Box::new(Rows::untouched(self.outline, untouched_run)))
    }
}

impl Rows {
    fn untouched(outline: SubsectionOutline, run: u8) -> Self {
        let rows = usize::from(outline.rows);
        let words = row_bits::words(outline.seats_per_row);
        let mut free = vec![0; rows * words];
        free.chunks_mut(words).for_each(|row| row_bits::fill(row, outline.seats_per_row));
        Self {
            free: free.into(),
            runs: RunIndex::new(vec![run; rows]),
            owners: vec![0; outline.seats() as usize].into(),
            touched: vec![0; row_bits::words(outline.rows)].into(),
        }
    }
}

fn count(seats: usize) -> u32 {
    u32::try_from(seats).unwrap_or_else(|_| unreachable!("a row has at most 1,000 seats"))
}
