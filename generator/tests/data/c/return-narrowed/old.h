#pragma once
long count(void);
