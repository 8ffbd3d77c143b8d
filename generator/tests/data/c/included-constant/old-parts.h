#pragma once
#define MODE 1
