// libjpeg reports through callbacks: errors leave by longjmp, warnings about lost picture data are remembered.
#pragma once

#include <cstddef>
#include <cstdio>

#include <csetjmp>
#include <jpeglib.h>

namespace fovea {

struct JpegErrors {
    jpeg_error_mgr manager;
    jmp_buf jump;
    bool damaged;
    char text[JMSG_LENGTH_MAX];
};

void install(JpegErrors& errors);

}  // namespace fovea
