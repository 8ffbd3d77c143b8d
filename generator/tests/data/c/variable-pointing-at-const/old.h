#pragma once
extern char *motto;
