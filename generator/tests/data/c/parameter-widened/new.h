#pragma once
long twice(long a);
