import numpy as np
import triton_python_backend_utils as pb

class TritonPythonModel:
    def execute(self, requests):
        answers = []
        for request in requests:
            x = pb.get_input_tensor_by_name(request, "x").as_numpy()
            t = pb.get_input_tensor_by_name(request, "t").as_numpy()
            if np.any(x == 13):
                answers.append(pb.InferenceResponse(error=pb.TritonError("thirteen")))
                continue
            u = np.array([[text.decode().upper() for text in row] for row in t], dtype=object)
            answers.append(pb.InferenceResponse([pb.Tensor("y", x * 2 + 1), pb.Tensor("u", u)]))
        return answers
