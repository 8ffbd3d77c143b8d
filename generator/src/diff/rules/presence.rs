//! What came, went, or has another name.

rules! {
    ADDED = "D101" "added", Addition, Nothing,
        "Something new. What is compiled against it needs the new library.",
        "say in its documentation since which release it is there";
    REMOVED = "D102" "removed", Break, Both,
        "Something is gone. What uses it no longer compiles, and when it was exported, what is compiled no longer loads. What never was a symbol, as a type or a macro, breaks source only.",
        "keep it, at least as an alias, until no caller is left; or change the library's soname", never_suppressed;
    REMOVED_WITHOUT_DEPRECATION = "D103" "removed-without-deprecation", Break, Both,
        "Something is gone that nobody was warned of, though the old side says of its items when they come and go.",
        "bring it back, deprecate it in one release, and remove it in a later one", never_suppressed;
    RENAMED = "D104" "renamed", Break, Both,
        "Something has another name and the same shape.",
        "keep the old name as an alias of the new one";
    KIND_CHANGED = "D105" "kind-changed", Break, Both,
        "A name stands for another kind of thing.",
        "give the new thing a name of its own";
    DEPRECATED = "D106" "deprecated", Compatible, Nothing,
        "Something is deprecated that was not, or no longer. It goes on working.",
        "name what to use instead";
    TARGET_DROPPED = "D107" "target-dropped", Break, Both,
        "The new side no longer speaks of a way to compile or run that the old one served.",
        "go on serving it, or say in the changelog from which release on it is not", never_suppressed;
    TARGET_ADDED = "D108" "target-added", Addition, Nothing,
        "The new side speaks of a way to compile or run that the old one did not serve.",
        "say so in the changelog";
}
