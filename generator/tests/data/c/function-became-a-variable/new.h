#pragma once
extern int level;
