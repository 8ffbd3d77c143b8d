#include "spelling.h"

void stack_ref_close(REF ref)
{
    REF_CLOSE(ref);
}
