#pragma once
struct q { int n; };
