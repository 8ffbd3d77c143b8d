//! Numbered slots and named bits.

rules! {
    SLOT_MOVED = "D601" "slot-moved", Break, Binary,
        "A slot has another number. Compiled callers use the old one.",
        "give it back its number; new slots get the next free one";
    SLOT_REUSED = "D602" "slot-reused", Break, Binary,
        "A number stands for another slot than before. Compiled callers call or set the wrong thing.",
        "leave old numbers alone; new slots get the next free one";
    SLOT_REMOVED = "D603" "slot-removed", Break, Both,
        "A slot is gone. Compiled callers still use its number.",
        "keep the slot, with something that reports an error", never_suppressed;
    SLOT_ADDED = "D604" "slot-added", Addition, Nothing,
        "There is one more slot, with a number that none had.",
        "say since which release it is there";
    BIT_MOVED = "D605" "bit-moved", Break, Binary,
        "A named bit is in another place, or has another width. Compiled callers set and test the old one.",
        "keep the place; new bits get free ones";
    BIT_REUSED = "D606" "bit-reused", Break, Binary,
        "A bit has another meaning than before. Compiled callers set and test the old one.",
        "leave old bits alone; new meanings get free ones";
    BIT_REMOVED = "D607" "bit-removed", Break, Both,
        "A named bit is gone. Compiled callers still set and test it.",
        "keep the name, and never use the bit for anything else", never_suppressed;
    BIT_ADDED = "D608" "bit-added", Addition, Nothing,
        "There is one more named bit, which was free.",
        "say what it means to a library that does not know it";
    BITS_UNIT = "D609" "bits-unit", Break, Both,
        "The integer that holds named bits is another one.",
        "keep the integer, for callers have compiled it in";
}
