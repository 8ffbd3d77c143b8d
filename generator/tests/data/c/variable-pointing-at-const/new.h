#pragma once
extern const char *motto;
