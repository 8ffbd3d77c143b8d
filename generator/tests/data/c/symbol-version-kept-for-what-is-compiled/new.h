#pragma once
long area(long x);
