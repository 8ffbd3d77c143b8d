//! Where something can be had, and as what.

rules! {
    NARROWED = "D501" "availability-narrowed", Api, Source,
        "Something is no longer declared where it was. What is compiled is not touched.",
        "declare it there again; or deprecate it there first";
    WIDENED = "D502" "availability-widened", Addition, Nothing,
        "Something is declared in more ways to compile.",
        "check that every library it can run with has it; a floor may have to rise";
    NO_LONGER_EXPORTED = "D503" "no-longer-exported", Break, Binary,
        "A symbol is not exported any more. What is compiled against it does not load, or ends at the first call.",
        "export it again, if only for what is compiled already", never_suppressed;
    NEWLY_EXPORTED = "D504" "newly-exported", Addition, Nothing,
        "A symbol is exported that was not.",
        "say since which release it is there";
    BECAME_OPAQUE = "D505" "became-opaque", Api, Source,
        "A struct that could be allocated and looked into is only declared now. Binaries that know its layout work while it stays.",
        "offer functions for what callers did with it, and keep the layout until they are built anew";
    BECAME_COMPLETE = "D506" "became-complete", Addition, Nothing,
        "A struct that was only declared has a layout now. From here on its size and fields are promises.",
        "keep a reserve in it, or say who allocates it";
    INLINED = "D507" "function-inlined", Compatible, Nothing,
        "A function became a macro or an inline function and is still exported. Its address, and declarations of one's own, may no longer compile.",
        "go on exporting it for what is compiled already";
    INLINED_AND_GONE = "D508" "function-inlined-and-gone", Break, Binary,
        "A function became a macro or an inline function and is no longer exported. What is compiled against it does not load.",
        "go on exporting it for what is compiled already", never_suppressed;
    OUT_OF_LINE = "D509" "inline-became-function", Addition, Nothing,
        "A macro or an inline function became a call. What is compiled now needs a library that exports it.",
        "raise the floor of what is compiled anew, or keep the inline form for older ones";
    FORM_CHANGED = "D510" "form-changed", Api, Source,
        "A name is declared as another kind of thing in C. `#ifdef`, addresses and initialisers may no longer compile.",
        "keep both: a macro of the same name as the thing";
    CONSTANT_FORM = "D511" "constant-form", Compatible, Nothing,
        "A constant is a macro now, or no longer. `#if` and `#ifdef` see macros only.",
        "define a macro of the same name as well";
    SYMBOL_VERSION_REMOVED = "D512" "symbol-version-removed", Break, Binary,
        "A symbol no longer has a version that it had. What is compiled asks for that version, and does not load.",
        "keep the old version beside the new one, as `name@OLD` in an assembler's `.symver`", never_suppressed;
    SYMBOL_VERSION_ADDED = "D513" "symbol-version-added", Addition, Nothing,
        "A symbol has a new version. What is linked now asks for it, and needs the new library.",
        "say since which release the version is there";
}
