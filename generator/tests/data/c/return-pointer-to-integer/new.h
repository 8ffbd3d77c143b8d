#pragma once
long look(void);
