#pragma once
#define MODE 2
