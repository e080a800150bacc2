import numpy as np
import triton_python_backend_utils as pb

WEIGHTS = np.sin(np.arange(640, dtype=np.float32)).reshape(64, 10)


class TritonPythonModel:
    def execute(self, requests):
        inputs = [pb.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        y = np.concatenate(inputs) @ WEIGHTS
        ends = np.cumsum([len(x) for x in inputs])[:-1]
        return [pb.InferenceResponse([pb.Tensor("y", part)]) for part in np.split(y, ends)]
