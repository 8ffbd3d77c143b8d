#pragma once
int frobnicate_all(int flags);
