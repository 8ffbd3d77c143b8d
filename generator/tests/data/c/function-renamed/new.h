#pragma once
int frobnicate_each(int flags);
