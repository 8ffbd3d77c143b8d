//! Constants and enumerations.

rules! {
    CONSTANT_VALUE = "D401" "constant-value", Break, Binary,
        "A constant has another value. Compiled callers have the old one in them.",
        "give the new meaning a new name";
    VERSION_CONSTANT = "D402" "version-constant", Compatible, Nothing,
        "A constant that tells the version has another value, as it should.",
        "nothing";
    ENUM_VALUE = "D403" "enum-value", Break, Binary,
        "A constant of an enumeration has another value. Compiled callers have the old one in them.",
        "write the values out, and keep them";
    ENUM_MEMBER_ADDED = "D404" "enum-member-added", Addition, Nothing,
        "An enumeration has one more constant, with a value that none had. Callers may meet a value that they do not know.",
        "tell callers to expect values that they do not know";
    ENUM_MEMBER_INSERTED = "D405" "enum-member-inserted", Break, Binary,
        "A new constant took the value of another, which moved. Compiled callers mean the one and say the other.",
        "add constants at the end, or with values of their own";
    ENUM_MEMBER_REMOVED = "D406" "enum-member-removed", Break, Both,
        "A constant of an enumeration is gone. Compiled callers still pass its value.",
        "keep it, and refuse it when it is passed", never_suppressed;
    ENUM_MEMBER_RENAMED = "D407" "enum-member-renamed", Api, Source,
        "A constant of an enumeration has another name and the same value.",
        "keep the old name with the same value";
    ENUM_SIZE = "D408" "enum-size", Break, Binary,
        "An enumeration is kept in another integer. Structs and calls that hold it change.",
        "keep the integer; a value outside its range widens it";
    ENUM_COUNT = "D409" "enum-count", Undecided, Binary,
        "The constant that counts the others is higher. It breaks callers that have an array of that length which the library fills.",
        "let callers ask for the count at run time";
}
