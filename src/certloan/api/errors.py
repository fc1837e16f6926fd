"""Every error as one object with a code and a sentence in both languages."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from certloan.errors import CertLoanError, NotReadyError, PermissionDeniedError
from certloan.i18n import Lang, both, sentence

#: Codes that say that there is no such thing, rather than that what was sent makes no sense.
_ABSENT = {"unknown-application"}
_FOUND_BY_FRAMEWORK: dict[int, str] = {404: "no-such-address", 405: "method-not-allowed"}


def tell(app: FastAPI) -> None:
    """Let ``app`` answer every error in this form, also those that the framework finds by itself."""

    @app.exception_handler(CertLoanError)
    def ours(_: Request, error: CertLoanError) -> JSONResponse:
        return _told(_status(error), error.code, sentence(error, Lang.ZH), sentence(error, Lang.EN))

    @app.exception_handler(RequestValidationError)
    def unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
        broken = [problem for problem in error.errors() if problem["type"] == "json_invalid"]
        if broken:
            told = both("api.json-malformed", found=broken[0]["loc"][-1])
            return _told(HTTPStatus.UNPROCESSABLE_ENTITY, "json-malformed", *told)
        where = ", ".join(sorted({".".join(map(str, problem["loc"][1:])) or "body" for problem in error.errors()}))
        return _told(HTTPStatus.UNPROCESSABLE_ENTITY, "request-invalid", *both("api.request-invalid", found=where))

    @app.exception_handler(HTTPException)
    def unknown(request: Request, error: HTTPException) -> JSONResponse:
        code = _FOUND_BY_FRAMEWORK.get(error.status_code, "request-invalid")
        found = request.url.path if error.status_code in _FOUND_BY_FRAMEWORK else "body"
        return _told(error.status_code, code, *both(f"api.{code}", found=found))

    @app.exception_handler(Exception)
    def bug(_: Request, error: Exception) -> JSONResponse:
        logging.getLogger(__name__).debug("unexpected", exc_info=error)
        return _told(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", *both("api.internal", kind=type(error).__name__))


def _status(error: CertLoanError) -> int:
    if isinstance(error, NotReadyError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, PermissionDeniedError):
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.NOT_FOUND if error.code in _ABSENT else HTTPStatus.UNPROCESSABLE_ENTITY


def _told(status: int, code: str, zh: str, en: str) -> JSONResponse:
    return JSONResponse({"error": code, "message_zh": zh, "message_en": en}, status_code=status)
