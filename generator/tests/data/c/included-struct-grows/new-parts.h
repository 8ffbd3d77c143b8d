#pragma once
struct parts { long a, b, c; };
