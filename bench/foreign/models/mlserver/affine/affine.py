"""y = 2 x + 1, u = t in capitals; a call that holds a 13 fails. The same stands in ../triton."""

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceRequest, InferenceResponse


class Affine(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        by_name = {one.name: one for one in payload.inputs}
        x = NumpyCodec.decode_input(by_name["x"]).astype(np.float32)
        t = StringCodec.decode_input(by_name["t"])
        if np.any(x == 13):
            raise InferenceError("thirteen")
        u = StringCodec.encode_output("u", [text.upper() for text in t])
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("y", x * 2 + 1), u])
