//! Structs and unions.

rules! {
    FIELD_ADDED_AT_END = "D201" "field-added-at-end", Break, Binary,
        "A struct grew at its end. Callers that allocate it reserve too little; when only the library allocates it, or it says its own size, nothing breaks.",
        "take the bytes from a reserve, or let the library allocate the struct";
    FIELD_ADDED_IN_THE_MIDDLE = "D202" "field-added-in-the-middle", Break, Binary,
        "A new field moves those after it. Compiled callers read and write the wrong bytes.",
        "add it at the end, or inside a reserve";
    FIELD_IN_PADDING = "D203" "field-in-padding", Undecided, Binary,
        "A new field lies in what was padding. Nothing moves, but callers that are compiled already leave these bytes as they were.",
        "read the field only where the caller is known to set it, or have every caller zero the struct";
    FIELD_REMOVED = "D204" "field-removed", Break, Both,
        "A field is gone. Compiled callers go on reading and writing its bytes.",
        "keep its place as a reserve, and never give it another meaning", never_suppressed;
    FIELD_RENAMED = "D205" "field-renamed", Api, Source,
        "A field has another name, in the same place and with the same type.",
        "keep the old name as a macro, or in an anonymous union";
    FIELD_MOVED = "D206" "field-moved", Break, Binary,
        "Fields are in another place. Compiled callers read and write the wrong bytes.",
        "keep the order of fields";
    FIELD_TYPE = "D207" "field-type", Break, Both,
        "A field has another type. When its bytes mean another thing, compiled callers read them wrongly.",
        "add a field with the new type, and keep the old one";
    FIELD_SIGNEDNESS = "D208" "field-signedness", Break, Binary,
        "The same bytes are now signed, or no longer. Compiled callers take large values for negative ones, or the other way round.",
        "keep the sign, or add a field";
    FIELD_CONST = "D209" "field-const", Api, Source,
        "What a field points at became constant, or no longer is. What is compiled goes on working.",
        "tell callers to change their declarations";
    BIT_FIELD_WIDTH = "D210" "bit-field-width", Break, Binary,
        "A bit-field has another width. Compiled callers mask other bits.",
        "keep the width, and take further bits from elsewhere";
    STRUCT_GROWN = "D211" "struct-grown", Break, Binary,
        "A struct is larger, though no field says why: padding, packing or alignment.",
        "keep the size, for callers have compiled it in";
    STRUCT_SHRUNK = "D212" "struct-shrunk", Break, Binary,
        "A struct is smaller. Compiled callers and the library disagree on where it ends, and on the stride of arrays.",
        "keep the size; fill with reserved fields", never_suppressed;
    ALIGNMENT_CHANGED = "D213" "alignment-changed", Break, Binary,
        "A struct has another alignment. It moves inside of other structs and on the stack, and stricter instructions trap.",
        "keep the alignment, for callers have compiled it in";
    UNION_MEMBER_ADDED = "D214" "union-member-added", Addition, Nothing,
        "A union, or bytes of a struct, can be read in one more way. Nothing moves.",
        "say how callers know which member holds";
    CALLING_CLASS = "D215" "calling-class", Break, Binary,
        "A struct that is passed by value goes in other registers than before, though its size is the same.",
        "keep the mix of integers and floating-point numbers in each eight bytes; or pass a pointer";
    EMBEDDED_STRUCT = "D216" "embedded-struct", Break, Binary,
        "A struct changes with one that it embeds. The cause is reported there.",
        "mend the embedded struct";
    FIELD_RETIRED = "D217" "field-retired", Api, Source,
        "A field is gone and its bytes are kept. Compiled callers may still use them, and the library no longer does.",
        "write down that the bytes are never used again";
    RESERVE_USED = "D251" "reserve-used", Compatible, Nothing,
        "New fields lie in bytes that were kept for them: nothing moves, and size, alignment and calling class stay.",
        "nothing; the library must take what old callers left there, which is zero where they were told so";
    RESERVE_OVERRUN = "D252" "reserve-overrun", Break, Binary,
        "New fields take reserved bytes and do not fit: they are larger, move what follows, or change how the struct is aligned or passed.",
        "use a type that fits on every data model, or more of the reserve";
}
