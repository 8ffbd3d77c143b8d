//! Functions, variables and the types that have names.

rules! {
    PARAMETER_ADDED = "D301" "parameter-added", Break, Both,
        "A function takes more. Compiled callers do not pass it, and the function reads what happens to be there.",
        "add a function with the new signature, and keep the old one";
    PARAMETER_REMOVED = "D302" "parameter-removed", Break, Both,
        "A function takes less. Those that remain may be passed in other places.",
        "keep the parameter and ignore it";
    PARAMETER_TYPE = "D303" "parameter-type", Break, Both,
        "A parameter has another type. When its representation differs, compiled callers pass it wrongly.",
        "add a function with the new signature, and keep the old one";
    PARAMETER_CONST = "D304" "parameter-const", Compatible, Nothing,
        "What a parameter points at became constant, which every caller can bear; or no longer is, for which some need a cast.",
        "say in the changelog when the function may write now";
    RETURN_TYPE = "D305" "return-type", Break, Both,
        "A function returns another type. When its representation differs, compiled callers read it wrongly.",
        "add a function with the new signature, and keep the old one";
    RETURN_CONST = "D306" "return-const", Api, Source,
        "What is returned points at something that became constant, or no longer is. What is compiled goes on working.",
        "tell callers to change their declarations";
    RETURN_ADDED = "D307" "return-added", Addition, Nothing,
        "A function returns something where it returned nothing. Old callers ignore it; new ones read garbage from an old library.",
        "say since which release the result holds";
    VARIADIC = "D308" "variadic", Break, Binary,
        "A function takes any number of arguments now, or no longer. Both kinds are called differently on many machines.",
        "add another function";
    CONVENTION = "D309" "calling-convention", Break, Binary,
        "A function has another calling convention. Compiled callers pass arguments elsewhere, or clean the stack twice.",
        "keep the convention of what is released";
    VARIABLE_TYPE = "D310" "variable-type", Break, Both,
        "An exported variable has another type. Its size is compiled into executables that copy it.",
        "export a function that returns the value";
    ALIAS_TYPE = "D311" "alias-type", Break, Both,
        "A name of a type stands for another type. Whatever callers declare with it changes.",
        "keep it, and give the new type another name";
    VARIABLE_CONST = "D312" "variable-const", Break, Both,
        "An exported variable became constant, or no longer is. Compiled callers that write it end with a fault.",
        "leave it writable; or offer a constant of another name";
    VARIABLE_THREAD_LOCAL = "D313" "variable-thread-local", Break, Binary,
        "Each thread has its own of an exported variable now, or no longer. Compiled callers look for it elsewhere.",
        "export a function that returns its address";
    VARIABLE_SIZE = "D314" "variable-size", Break, Binary,
        "An exported variable, whose size headers do not tell, has another size. Executables that are linked to it have a copy of the old size, and read past its end or lack what is new.",
        "export a function that returns its address; or keep the size";
}
