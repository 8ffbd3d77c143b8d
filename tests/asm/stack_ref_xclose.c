#include "spelling.h"

void stack_ref_xclose(REF ref)
{
    REF_XCLOSE(ref);
}
