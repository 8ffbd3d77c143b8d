#include "spelling.h"

void stack_ref_clear(REF *ref)
{
    REF_CLEAR(ref);
}
