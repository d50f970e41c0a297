//! Plans as tables: what is drawn, what is wrong with it, where its seats live.

use super::*;

fn draft(name: &str, subsections: &[(i64, i64, i64)]) -> SectionDraft {
    let subsection = |&(number, rows, seats): &(i64, i64, i64)| SubsectionDraft::new(number, rows, seats);
    SectionDraft {
        name: name.into(),
        price_minor: 100,
        subsections: subsections.iter().map(subsection).collect(),
    }
}

fn read_plan(drafts: &[SectionDraft]) -> Result<Vec<SectionOutline>, Vec<Violation>> {
    read(drafts, "TWD".parse().unwrap(), Pointer::ROOT.field("seating"))
}

fn check(drafts: &[SectionDraft], expect: &[(&str, &str)]) {
    let violations = read_plan(drafts).unwrap_err();
    let found: Vec<_> = violations.iter().map(|v| (v.pointer.as_str(), v.code)).collect();
    assert_eq!(found, expect);
}

#[test]
fn every_broken_rule_is_named_at_once() {
    check(&[], &[("/seating/sections", "empty")]);
    check(
        &[
            draft("A-1", &[(0, 0, 1001), (2, 1, 1), (2, 1, 1)]),
            SectionDraft { price_minor: -1, ..draft("B", &[]) },
        ],
        &[
            ("/seating/sections/0/name", "invalid-format"),
            ("/seating/sections/0/subsections/0/number", "out-of-range"),
            ("/seating/sections/0/subsections/0/rows", "out-of-range"),
            ("/seating/sections/0/subsections/0/seats_per_row", "out-of-range"),
            ("/seating/sections/0/subsections/2/number", "duplicate"),
            ("/seating/sections/1/price_minor", "out-of-range"),
            ("/seating/sections/1/subsections", "empty"),
        ],
    );
    check(
        &[draft("A", &[(1, 1, 1)]), draft("A", &[(1, 1, 1)])],
        &[("/seating/sections/1/name", "duplicate")],
    );
    check(&vec![draft("A", &[(1, 1, 1)]); 101], &[("/seating/sections", "too-many")]);
    let many: Vec<_> = (1..=1001).map(|number| (number, 1, 1)).collect();
    check(&[draft("A", &many)], &[("/seating/sections/0/subsections", "too-many")]);
    check(&[draft("A", &[(1, 501, 1000)])], &[("/seating", "too-many")]);
}

#[test]
fn the_largest_plan_is_read() {
    let sections = read_plan(&[draft("A", &[(1, 500, 1000)])]).unwrap();
    assert_eq!(seats(&sections), 500_000);
}

#[test]
fn ten_equal_sections_live_on_ten_partitions() {
    let drafts: Vec<_> = ('A'..='J').map(|name| draft(&name.to_string(), &[(1, 25, 20)])).collect();
    let partitions: Vec<_> = read_plan(&drafts).unwrap().iter().map(|section| section.partition).collect();
    assert_eq!(partitions, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

proptest::proptest! {
    #[test]
    fn no_partition_carries_more_than_its_share_and_one_section(sizes in proptest::collection::vec(1..400_i64, 1..60)) {
        let drafts: Vec<_> = sizes.iter().enumerate().map(|(n, &size)| draft(&format!("S{n}"), &[(1, size, 10)])).collect();
        let sections = read_plan(&drafts).unwrap();
        let mut load = [0_u64; 10];
        for section in &sections {
            load[usize::from(section.partition)] += u64::from(section.seats());
        }
        let largest = sections.iter().map(|s| u64::from(s.seats())).max().unwrap();
        let share = seats(&sections) / 10;
        proptest::prop_assert!(load.iter().all(|&seats| seats <= share + largest));
        let names: Vec<_> = sections.iter().map(|s| s.name.to_string()).collect();
        proptest::prop_assert_eq!(names, drafts.iter().map(|d| d.name.clone()).collect::<Vec<_>>());
    }
}
