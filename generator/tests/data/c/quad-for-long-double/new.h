#pragma once
int is_one(__float128 x);
